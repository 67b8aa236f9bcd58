/** More lines than this say no more than "run the generator". */
const maxLines = 40;

/** The lines between the common beginning and the common end of two texts, as `-` and `+`. */
export function differences(now, wanted) {
  const left = now.split("\n");
  const right = wanted.split("\n");
  let first = 0;
  while (first < left.length && first < right.length && left[first] === right[first]) first += 1;
  let last = 0;
  while (
    last < left.length - first &&
    last < right.length - first &&
    left[left.length - 1 - last] === right[right.length - 1 - last]
  )
    last += 1;
  const lines = [
    ...left.slice(first, left.length - last).map((line) => `- ${line}`),
    ...right.slice(first, right.length - last).map((line) => `+ ${line}`),
  ];
  const shown = lines.slice(0, maxLines);
  const more = lines.length - shown.length;
  return [`@@ line ${first + 1}`, ...shown, ...(more > 0 ? [`and ${more} lines more`] : [])].join(
    "\n",
  );
}
