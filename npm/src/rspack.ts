// The plugin for Rspack: webpack's, as Rspack has its interface.
export { TfjsBuildPlugin, TfjsBuildPlugin as default, type Options } from "./webpack.js";
