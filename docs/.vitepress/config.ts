// The site of docs/: its pages as they are, in an order for readers. `make docs` builds it, without a network.
import { posix } from "node:path";
import { defineConfig } from "vitepress";

/** Where the repository can be read; links to files outside docs/ lead there, and are plain text where nobody says it. */
const repository = process.env["DOCS_REPOSITORY"];

const page = (text: string, link: string) => ({ text, link: `/${link}` });

export default defineConfig({
  title: "tfjs-build",
  description: "TensorFlow models as a part of the web build",
  base: process.env["DOCS_BASE"] ?? "/",
  outDir: "../dist/docs",
  cleanUrls: false, // any file server will do
  lastUpdated: false, // the same source gives the same site
  markdown: {
    config(md) {
      const links = md.renderer.rules.link_open!;
      md.renderer.rules.link_open = (tokens, index, options, env, self) => {
        const token = tokens[index]!;
        const href = token.attrGet("href") ?? "";
        const path = posix.join(posix.dirname(env.relativePath ?? ""), href);
        if (/^[a-z]+:|^[/#]/i.test(href) || !path.startsWith("../")) return links(tokens, index, options, env, self);
        const end = tokens.findIndex((each, at) => at > index && each.type === "link_close");
        if (repository) token.attrSet("href", `${repository}/blob/main/${path.slice(3)}`);
        else for (const each of [token, tokens[end]!]) [each.tag, each.attrs] = ["span", null];
        return self.renderToken(tokens, index, options);
      };
    },
  },
  themeConfig: {
    search: { provider: "local" },
    outline: [2, 3],
    nav: [page("Start", "start"), page("Guides", "guides/vite"), page("tfjs.yaml", "manifest"), page("Commands", "commands")],
    sidebar: [
      {
        text: "Start",
        items: [
          page("A first model", "start"),
          page("From a notebook", "notebook"),
          page("Examples", "examples"),
          page("Questions", "questions"),
        ],
      },
      {
        text: "Your framework",
        items: [
          page("Vite", "guides/vite"),
          page("React", "guides/react"),
          page("Vue", "guides/vue"),
          page("Svelte", "guides/svelte"),
          page("Next.js", "guides/next"),
          page("SvelteKit", "guides/sveltekit"),
          page("Astro", "guides/astro"),
          page("Nuxt", "guides/nuxt"),
          page("webpack", "guides/webpack"),
          page("Rspack", "guides/rspack"),
          page("Angular", "guides/angular"),
          page("esbuild", "guides/esbuild"),
          page("Rollup", "guides/rollup"),
          page("Parcel", "guides/parcel"),
          page("Without a bundler", "guides/static"),
          page("Node", "guides/node"),
          page("Any other: npm scripts", "guides/npm-scripts"),
          page("All toolchains, as tried", "toolchains"),
        ],
      },
      {
        text: "Your model",
        items: [
          page("Pictures and video", "guides/pixels"),
          page("Labels", "guides/labels"),
          page("Web Workers", "guides/workers"),
          page("Backends", "guides/backends"),
          page("Models with code of their own", "code"),
        ],
      },
      {
        text: "Small, fast, right",
        items: [
          page("Bytes in the page", "size"),
          page("Smaller downloads", "quantization"),
          page("Half floats on phones", "half-floats"),
          page("Verify", "verify"),
          page("Report", "report"),
          page("Performance", "performance"),
        ],
      },
      {
        text: "Going live",
        items: [
          page("Commit or ignore", "guides/committing"),
          page("CI", "guides/ci"),
          page("Caching headers", "guides/caching"),
          page("Compression", "guides/compression"),
          page("Content Security Policy", "guides/csp"),
          page("Service workers, offline", "guides/service-workers"),
          page("Preload", "guides/preload"),
          page("Many machines", "sharing"),
        ],
      },
      {
        text: "Reference",
        items: [
          page("tfjs.yaml", "manifest"),
          page("Commands", "commands"),
          page("The npm package", "plugins"),
          page("Loaders", "loaders"),
          page("Templates", "templates"),
          page("Events", "events"),
          page("What is on disk", "model-json"),
          page("What is converted, and how", "sources"),
          page("Every op and layer", "conversions"),
          page("Reliability", "reliability"),
        ],
      },
    ],
  },
});
