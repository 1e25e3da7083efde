// What the network reads of a name: a code for each character. codes.py does the same in training.

/** Characters that count; what is longer is cut. */
export const LENGTH = 32;

/** Returns the name in a to z and single spaces: no case, accents, apostrophes, digits or signs. */
export function plain(name: string): string {
  const letters = name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[\u0300-\u036f'’]/g, "");
  return letters.replace(/[^a-z]+/g, " ").replace(/^ | $/g, "");
}

/** Returns the codes of a name: 1 for a space, 2 to 27 for a to z, 0 where it has ended. */
export function codes(name: string): Int32Array {
  const found = new Int32Array(LENGTH);
  [...plain(name).slice(0, LENGTH)].forEach((letter, i) => {
    found[i] = letter === " " ? 1 : letter.charCodeAt(0) - 95;
  });
  return found;
}
