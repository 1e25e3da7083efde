"""All toolchains, each as its own scaffolder makes a project of it, where the npm registry has that."""

from __future__ import annotations

from tests.toolchains.toolchain import Toolchain

_ESLINT = "eslint --max-warnings 0 --report-unused-disable-directives"
_OXLINT = "oxlint --deny-warnings --report-unused-disable-directives"


def _create_vite(template: str, *options: str) -> str:
    return " ".join(("npx create-vite@latest app --no-interactive --template", template, *options))


def _next(name: str, title: str, option: str, *, stays: bool = True, remarks: str = "") -> Toolchain:
    options = "--ts --eslint --app --src-dir --no-tailwind --import-alias '@/*' --skip-install --disable-git"
    return Toolchain(
        name=name,
        title=title,
        packages=("next",),
        create=f"npx create-next-app@latest app {options}",
        check=(_ESLINT,),
        build=f"npm run build -- {option}",
        output="out",
        dev=f"next dev {option} --hostname 127.0.0.1 --port $PORT",
        stays=stays,
        overlay=_OUR_OVERLAY,
        remarks=remarks,
    )


_VITE_BUILD = "npm run build -- --base $BASE"
_VITE_DEV = "vite --host 127.0.0.1 --port $PORT --strictPort"
_VITE_OVERLAY = "vite-error-overlay"
_SERVER = "python3 -m http.server --bind 127.0.0.1 --directory public $PORT"
_OUR_OVERLAY = "tfjs-build-overlay"
_WEBPACK_OVERLAY = "#webpack-dev-server-client-overlay"

TOOLCHAINS = (
    Toolchain(
        name="vite-vanilla",
        title="Vite",
        packages=("vite",),
        create=_create_vite("vanilla-ts"),
        check=("tsc",),
        prebuild=True,
        build=_VITE_BUILD,
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
    ),
    Toolchain(
        name="vite-react",
        title="Vite, React",
        packages=("vite", "react"),
        create=_create_vite("react-ts"),
        check=("tsc -b", _OXLINT),
        prebuild=True,
        build=_VITE_BUILD,
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
    ),
    Toolchain(
        name="vite-react-eslint",
        title="Vite, React, ESLint",
        packages=("vite", "react", "eslint"),
        create=_create_vite("react-ts", "--eslint"),
        install=("typescript@6",),
        check=("tsc -b", _ESLINT),
        prebuild=True,
        build=_VITE_BUILD,
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
        remarks="the scaffold's typescript-eslint wants TypeScript 6",
    ),
    Toolchain(
        name="vite-vue",
        title="Vite, Vue",
        packages=("vite", "vue"),
        create=_create_vite("vue-ts"),
        predict="",
        check=("vue-tsc -b",),
        prebuild=True,
        build=_VITE_BUILD,
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
    ),
    Toolchain(
        name="vite-svelte",
        title="Vite, Svelte",
        packages=("vite", "svelte"),
        create=_create_vite("svelte-ts"),
        check=("npm run check",),
        prebuild=True,
        build=_VITE_BUILD,
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
    ),
    _next("next-turbopack", "Next.js, Turbopack", "--turbopack"),
    _next(
        "next-webpack",
        "Next.js, webpack",
        "--webpack",
        stays=False,
        remarks="another page that is opened after a new version has Next.js load the open one anew",
    ),
    Toolchain(
        name="webpack",
        title="webpack, ts-loader",
        packages=("webpack", "ts-loader"),
        install=(
            *("webpack", "webpack-cli", "webpack-dev-server", "html-webpack-plugin", "copy-webpack-plugin"),
            *("ts-loader", "typescript@6"),
        ),
        check=("tsc --noEmit",),
        build="npm run build",
        dev="BASE=/ webpack serve --mode development --host 127.0.0.1 --port $PORT",
        overlay=_WEBPACK_OVERLAY,
        settings='`devServer: { static: { directory: "public", watch: false } }`',
    ),
    Toolchain(
        name="rspack",
        title="Rspack",
        packages=("@rspack/core",),
        install=("@rspack/core", "@rspack/cli", "@rspack/dev-server", "typescript@6"),
        check=("tsc --noEmit",),
        build="npm run build",
        dev="BASE=/ rspack serve --mode development --host 127.0.0.1 --port $PORT",
        overlay="#rspack-dev-server-client-overlay",
    ),
    Toolchain(
        name="angular",
        title="Angular",
        packages=("@angular/core",),
        create="npx @angular/cli@latest new app --defaults --skip-git --skip-install --ssr false",
        install=("buffer",),
        check=("tsc --noEmit -p tsconfig.app.json", "prettier --check src/models"),
        build="npm run build -- --base-href $BASE",
        dev="tfjs-build watch -- ng serve --host 127.0.0.1 --port $PORT",
        swaps=False,
        output="dist/app/browser",
        settings="`npm install buffer`; `src/models/` in `.prettierignore`",
        remarks="`await import`: with TensorFlow.js in the first bundle, the scaffold's budget of 1 MB is exceeded",
    ),
    Toolchain(
        name="astro",
        title="Astro",
        packages=("astro",),
        install=("astro", "@astrojs/check", "typescript@6"),
        check=("astro check",),
        build="npm run build",
        dev="astro dev --host 127.0.0.1 --port $PORT",
        overlay=_VITE_OVERLAY,
    ),
    Toolchain(
        name="sveltekit",
        title="SvelteKit, adapter-static",
        packages=("@sveltejs/kit",),
        create="npx sv@latest create app --template minimal --types ts"
        " --add prettier eslint sveltekit-adapter=adapter:static --no-install",
        predict="src/lib/predict.ts",
        prepare="echo src/lib/models/ >> .prettierignore && svelte-kit sync",
        check=("npm run check", "prettier --check src/lib/models", _ESLINT),
        build="npm run build",
        output="build",
        dev=_VITE_DEV,
        overlay=_VITE_OVERLAY,
        settings="`src/lib/models/` in `.prettierignore`",
    ),
    Toolchain(
        name="nuxt",
        title="Nuxt",
        packages=("nuxt",),
        predict="app/predict.ts",
        install=("nuxt", "vue-tsc", "typescript@6"),
        check=("nuxt typecheck",),
        build="NUXT_APP_BASE_URL=$BASE npm run build",
        output=".output/public",
        dev="nuxt dev --host 127.0.0.1 --port $PORT",
        overlay=_VITE_OVERLAY,
    ),
    Toolchain(
        name="parcel",
        title="Parcel",
        packages=("parcel",),
        install=("parcel", "typescript@6", "process", "buffer"),
        check=("tsc --noEmit",),
        build="npm run build -- --public-url $BASE",
        dev="tfjs-build watch -- parcel serve --host 127.0.0.1 --port $PORT",
        swaps=False,
        settings="`npm install -D process buffer`",
    ),
    Toolchain(
        name="esbuild",
        title="esbuild",
        packages=("esbuild",),
        install=("esbuild", "typescript@6"),
        check=("tsc --noEmit",),
        prebuild=True,
        build="npm run build",
        output="public",
        dev="node build.js --serve",
        swaps=False,
        overlay=_OUR_OVERLAY,
    ),
    Toolchain(
        name="rollup",
        title="Rollup",
        packages=("rollup",),
        predict="",
        install=("rollup", *(f"@rollup/plugin-{name}" for name in ("commonjs", "node-resolve", "terser"))),
        build="npm run build",
        output="public",
        dev=f"rollup --config --watch & until [ -e public/main.js ]; do sleep 0.1; done; exec {_SERVER}",
        swaps=False,
        overlay=_OUR_OVERLAY,
        remarks="no worker was tried: Rollup makes none",
    ),
    Toolchain(
        name="import-map",
        title="an import map",
        packages=("@tensorflow/tfjs",),
        predict="",
        build="npm run build",
        output="public",
        dev=f"npm run build && tfjs-build watch -- {_SERVER}",
        swaps=False,
    ),
    Toolchain(
        name="node",
        title="Node",
        packages=("node",),
        predict="",
        install=("node@24", "typescript@6", "@types/node@24"),
        check=("tsc --noEmit --allowJs --checkJs --strict --skipLibCheck --module nodenext --types node src/main.js",),
        run="node src/main.js",
    ),
    *(
        Toolchain(
            name=f"vitest-{environment}",
            title=f"Vitest, {environment}",
            packages=("vitest",),
            create=_create_vite("vanilla-ts"),
            predict="",
            install=("vitest", "jsdom", "@types/node"),
            check=("tsc",),
            run=f"vitest run --environment {environment} && cat prediction.json",
        )
        for environment in ("node", "jsdom")
    ),
    Toolchain(
        name="jest",
        title="Jest, CommonJS",
        packages=("jest",),
        predict="",
        install=("jest",),
        run="NODE_OPTIONS=--experimental-vm-modules jest --testTimeout 60000 && cat prediction.json",
        settings="`NODE_OPTIONS=--experimental-vm-modules`",
        remarks="`await import`",
    ),
)
