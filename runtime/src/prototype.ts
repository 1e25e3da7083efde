// What handles inherit.

/** Proxies are made of plain objects only (Svelte, MobX, Immer), and where `__v_skip` does not ask Vue for none. */
export const PROTOTYPE = { __v_skip: true };
