// Tensor files, as tests/oracle/tensors.py describes them: groups of named tensors in `<stem>.json` and `<stem>.bin`.

import { readFileSync, writeFileSync } from "node:fs";

const arrayTypes = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };

/** Reads the groups of a tensor file: `[{name: {dtype, shape, values}}]`, values being a typed array or a list of strings. */
export function readGroups(stem) {
  const { groups } = JSON.parse(readFileSync(`${stem}.json`, "utf8"));
  const file = readFileSync(`${stem}.bin`);
  const data = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
  return groups.map((group) =>
    Object.fromEntries(Object.entries(group).map(([name, entry]) => [name, { ...entry, values: values(entry, data) }])),
  );
}

/** Writes groups of `{name: {dtype, shape, values}}`. */
export function writeGroups(stem, groups) {
  const parts = [];
  let offset = 0;
  const described = groups.map((group) =>
    // Not Object.fromEntries over an object: an output may be called `__proto__`, and integer-like names would move.
    Object.fromEntries(
      [...group].map(([name, { dtype, shape, values }]) => {
        if (dtype === "string") return [name, { dtype, shape, values }];
        const bytes = Buffer.from(arrayTypes[dtype].from(values).buffer);
        const padding = Buffer.alloc(-offset & 7);
        parts.push(padding, bytes);
        const entry = { dtype, shape, offset: offset + padding.length };
        offset = entry.offset + bytes.length;
        return [name, entry];
      }),
    ),
  );
  writeFileSync(`${stem}.bin`, Buffer.concat(parts));
  writeFileSync(`${stem}.json`, JSON.stringify({ groups: described }));
}

function values({ dtype, shape, offset, values }, data) {
  if (dtype === "string") return values;
  const type = arrayTypes[dtype];
  return new type(data, offset, shape.reduce((product, size) => product * size, 1));
}
