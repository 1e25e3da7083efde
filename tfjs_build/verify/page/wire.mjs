// Tensors on their way from and to tfjs-build: a header, and groups of named tensors, as verify/wire.py describes them.

const ARRAYS = { float32: Float32Array, int32: Int32Array, bool: Uint8Array, complex64: Float32Array, picture: Uint8ClampedArray };
const EDGE = 8;

/**
 * Reads a message: its header, and groups as lists of `{name, dtype, shape, values}`.
 * @param {ArrayBuffer} buffer
 */
export function unpack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const { header, groups } = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const values = ({ dtype, shape, offset, values: texts }) => {
    if (dtype === "string") return texts;
    const size = shape.reduce((product, each) => product * each, dtype === "complex64" ? 2 : 1);
    return new ARRAYS[dtype](buffer, 4 + length + offset, size).slice();
  };
  return { header, groups: groups.map((group) => group.map((entry) => ({ ...entry, values: values(entry) }))) };
}

/**
 * Writes a message; groups are lists of `{name, dtype, shape, values}`.
 * @param {object} header
 * @param {{name: string, dtype: string, shape: number[], values: ArrayLike<unknown>}[][]} [groups]
 */
export function pack(header, groups = []) {
  const parts = [];
  let size = 0;
  const described = groups.map((group) =>
    group.map(({ name, dtype, shape, values }) => {
      if (dtype === "string") return { name, dtype, shape, values: Array.from(values) };
      const data = ARRAYS[dtype].from(values);
      const padding = -size & (EDGE - 1);
      parts.push(new Uint8Array(padding), new Uint8Array(data.buffer));
      const offset = size + padding;
      size = offset + data.byteLength;
      return { name, dtype, shape, offset };
    }),
  );
  let text = JSON.stringify({ header, groups: described });
  let encoded = new TextEncoder().encode(text);
  const padding = -(encoded.length + 4) & (EDGE - 1);
  text += " ".repeat(padding);
  encoded = new TextEncoder().encode(text);
  const message = new Uint8Array(4 + encoded.length + size);
  new DataView(message.buffer).setUint32(0, encoded.length, true);
  message.set(encoded, 4);
  let at = 4 + encoded.length;
  for (const part of parts) {
    message.set(part, at);
    at += part.length;
  }
  return message;
}
