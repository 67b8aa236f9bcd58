import type { Entity, Feature, Field } from "../../../model/product-model.ts";
import { factoryNames } from "../emit/factories.ts";
import { kebab, namesOf, withArticle } from "../names.ts";
import { entityOf, targetOf } from "../scope.ts";
import type { Check, CheckContext } from "./check.ts";
import type { Subject } from "./parts.ts";
import { recordPath } from "./parts.ts";

/** A field of `owner` that refers to the entity that is deleted. */
interface Referrer {
  readonly owner: Entity;
  readonly field: Field;
}

function referrersOf(context: CheckContext, target: Entity): readonly Referrer[] {
  return context.model.entities.flatMap((owner) =>
    owner.fields
      .filter((field) => targetOf(field) === target.name && !field.readOnly)
      .map((field) => ({ owner, field })),
  );
}

function positionOf(context: CheckContext, match: (feature: Feature) => boolean): number {
  return context.model.features.findIndex(match);
}

/** The position of the feature with which an entity comes into the project. */
function arrival(context: CheckContext, entity: Entity): number {
  return positionOf(context, (feature) => "entity" in feature && feature.entity === entity.name);
}

interface RuleParts {
  readonly key: string;
  readonly given: string;
  readonly when: string;
  readonly before: readonly string[];
  /** Code of the path that is deleted. */
  readonly path: string;
  /** Code that reads the record that referred to it. */
  readonly kept: string;
}

function restrictCheck(
  target: Entity,
  { owner, field }: Referrer,
  parts: RuleParts & { readonly value: string },
): Check {
  return {
    key: `refuses-deletion-used-by-${parts.key}`,
    given: parts.given,
    when: parts.when,
    then: "the answer is 409, and both stay",
    title: `refuses to delete the ${target.singular} of ${withArticle(owner.singular)}`,
    body: [
      ...parts.before,
      `const answer = await service.delete(${parts.path});`,
      "expectProblem(answer, 409);",
      parts.kept,
      `expect(kept?.${field.name}).toEqual(${parts.value});`,
    ],
  };
}

function cascadeCheck(target: Entity, owner: Entity, parts: RuleParts): Check {
  return {
    key: `deletes-with-${parts.key}`,
    given: parts.given,
    when: parts.when,
    then: `the ${owner.plural} that refer to it go with it`,
    title: `deletes the ${owner.plural} of ${withArticle(target.singular)} with it`,
    body: [
      ...parts.before,
      `const answer = await service.delete(${parts.path});`,
      "expect(answer.status).toBe(204);",
      parts.kept,
      "expect(kept).toBeUndefined();",
    ],
  };
}

function clearCheck(target: Entity, { owner, field }: Referrer, parts: RuleParts): Check {
  const nothing = field.type.kind === "references" ? "[]" : "null";
  return {
    key: `deletion-clears-${parts.key}`,
    given: parts.given,
    when: parts.when,
    then: `the ${owner.plural} stay and refer to nothing`,
    title: `keeps the ${owner.plural} of a deleted ${target.singular}`,
    body: [
      ...parts.before,
      `const answer = await service.delete(${parts.path});`,
      "expect(answer.status).toBe(204);",
      parts.kept,
      `expect(kept?.${field.name}).toEqual(${nothing});`,
    ],
  };
}

function ruleCheck(target: Entity, { owner, field }: Referrer): Check {
  const targetNames = namesOf(target);
  const ownerNames = namesOf(owner);
  const [gone, left] =
    owner.name === target.name
      ? [`${targetNames.variable}Above`, `${targetNames.variable}Below`]
      : [targetNames.variable, ownerNames.variable];
  const value = field.type.kind === "references" ? `[${gone}.id]` : `${gone}.id`;
  const path = `\`/${target.collection}/\${${gone}.id}\``;
  const kept = `const kept = new ${ownerNames.repository}(service.database).find(${left}.id);`;
  const before = [
    `const ${gone} = ${factoryNames(target).store}(service);`,
    `const ${left} = ${factoryNames(owner).store}(service, { ${field.name}: ${value} });`,
  ];
  const rule = field.type.kind === "reference" ? field.type.onDelete : "clear";
  const key = `${kebab(owner.collection)}-${kebab(field.name)}`;
  const given = `${withArticle(target.singular)} to which ${withArticle(owner.singular)} refers`;
  const when = `the ${target.singular} is deleted`;
  const common = { given, when, key, before, path, kept };
  if (rule === "restrict") return restrictCheck(target, { owner, field }, { ...common, value });
  if (rule === "cascade") return cascadeCheck(target, owner, common);
  return clearCheck(target, { owner, field }, common);
}

/** Deletion rules of an entity, for referrers that are in the project by then. */
export function deletionRuleChecks(context: CheckContext, subject: Subject): readonly Check[] {
  const now = context.model.features.indexOf(context.feature);
  return referrersOf(context, subject.entity)
    .filter(({ owner }) => {
      const at = arrival(context, owner);
      return at >= 0 && at <= now;
    })
    .map((referrer) => ruleCheck(subject.entity, referrer));
}

/** Deletion rules that could not be tested when deletion was built: this entity came later. */
export function heldBackChecks(context: CheckContext, subject: Subject): readonly Check[] {
  const now = context.model.features.indexOf(context.feature);
  if (arrival(context, subject.entity) !== now) return [];
  const targets = new Set(subject.entity.fields.map(targetOf).filter((name) => name !== undefined));
  return [...targets].flatMap((name) => {
    const target = entityOf(context.model, name);
    const deleted = positionOf(
      context,
      (feature) => feature.kind === "delete" && feature.entity === name,
    );
    if (deleted < 0 || deleted > now) return [];
    return referrersOf(context, target)
      .filter(({ owner }) => owner.name === subject.entity.name)
      .map((referrer) => ruleCheck(target, referrer));
  });
}

/** Whether deleting does what it says, apart from rules. */
export function removalCheck(subject: Subject): Check {
  const { variable } = subject;
  return {
    key: "deletes",
    given: `${subject.one} exists`,
    when: "it is deleted",
    then: "the answer is 204 without content, it is gone, and others stay",
    title: `deletes ${subject.one} and no other`,
    body: [
      `const ${variable} = ${subject.store}(service);`,
      `const other = ${subject.store}(service);`,
      `const answer = await service.delete(${recordPath(subject, variable)});`,
      "expect(answer.status).toBe(204);",
      'expect(answer.body).toBe("");',
      `const stored = new ${subject.repository}(service.database);`,
      `expect(stored.find(${variable}.id)).toBeUndefined();`,
      "expect(stored.find(other.id)).toEqual(other);",
    ],
  };
}
