import { PhraseTable } from "../phrase-table.ts";

/** Kinds of values as documents name them; see `field-type.ts` for what they become. */
export type TypeWord =
  | "text"
  | "long-text"
  | "url"
  | "email"
  | "phone"
  | "slug"
  | "color"
  | "integer"
  | "decimal"
  | "money"
  | "boolean"
  | "date"
  | "datetime"
  | "labels";

/** Types that a document names expressly: in a table, after a colon, or with `must be a`. */
export const typePhrases = new PhraseTable<TypeWord>([
  [
    "text | short text | plain text | string | free text | a line of text | one line | varchar | words",
    "text",
  ],
  [
    "long text | longer text | multi-line text | multiline text | text with several lines | paragraphs | paragraph | markdown",
    "long-text",
  ],
  [
    "url | a url | web address | a web address | link | web link | http address | valid url | valid web address | valid link | uri | http or https address | address on the web | internet address",
    "url",
  ],
  ["email | email address | valid email | valid email address | mail address", "email"],
  ["phone | phone number | telephone number | valid phone number | telephone", "phone"],
  ["slug", "slug"],
  ["hex color | color code", "color"],
  [
    "whole number | integer | int | whole numbers | natural number | count | whole euros | whole minutes | whole hours | whole days | in minutes | in hours | in seconds | in days | in pages | in years | in weeks | in months | number of minutes",
    "integer",
  ],
  [
    "number | numeric | decimal | decimal number | float | real number | fraction | in kg | in kilograms | in grams | in meters | in metres | in cm | in centimetres | in liters | in litres | in degrees | in km | percentage | in percent",
    "decimal",
  ],
  [
    "money | amount of money | amount | currency | price | in euros | in euro | in dollars | in pounds | in eur | in usd | in gbp | in € | in cents as decimals | euros | dollars | two decimals | # decimals | two decimal places | # decimal places | # digits after the point | with cents",
    "money",
  ],
  [
    "yes or no | yes/no | y/n | true or false | true/false | boolean | bool | flag | checkbox | tick box | on or off | on/off | yes / no | true / false",
    "boolean",
  ],
  ["date | calendar date | day | a day", "date"],
  [
    "date and time | datetime | timestamp | point in time | time | date with time | moment | date + time | date / time",
    "datetime",
  ],
  [
    "list of short texts | a list of short texts | list of words or phrases | several short texts | list of texts | list of words | list of short texts | list of strings | labels | tags | list of labels | list of tags | keywords | list of keywords | texts | strings | list | a list",
    "labels",
  ],
]);

/** What the last words of a field's name tell of its type. Longest match wins; first table of `field-type.ts`. */
export const typeByLabel = new PhraseTable<TypeWord>([
  [
    "price | cost | costs | amount | fee | total | salary | budget | hourly rate | rent | deposit | discount | fare | balance | unit price | purchase price | value in euros | wage | tax | shipping",
    "money",
  ],
  [
    "quantity | count | stock | pages | age | year | minutes | hours | days | weeks | duration | servings | portions | rating | score | stars | capacity | seats | places | copies | level | position | rank | size in bytes | " +
      "points | stock level | reorder level | floor | seconds | months | years | attempts | votes | likes | units | minimum stock | page count | number of pages | interval | cooking time | preparation time | reading time | prep time | amount in stock | calories | in stock | number in stock | page number | mileage",
    "integer",
  ],
  [
    "weight | height | width | depth | temperature | distance | volume | area | latitude | longitude | percentage | rate | ratio | hours worked",
    "decimal",
  ],
  [
    "date | day | birthday | deadline | birth date | due date | date of birth | start date | end date | bought on | added on | planted on | published on | expiry | best before | expiration",
    "date",
  ],
  [
    "time | start time | end time | timestamp | moment | date and time | start and end | start | end | beginning",
    "datetime",
  ],
  ["email | email address | mail address", "email"],
  [
    "url | link | website | web address | homepage | home page | web page | web site | image url | webpage",
    "url",
  ],
  ["phone | phone number | telephone | telephone number | mobile | mobile number", "phone"],
  ["slug", "slug"],
  ["tags | labels | keywords | hashtags | topics", "labels"],
  [
    "notes | description | comment | comments | body | content | instructions | remarks | details | biography | bio | method | preparation | directions | text | message | reason | observations | summary | postal address | steps | agenda | care instructions",
    "long-text",
  ],
  ["flag", "boolean"],
]);
