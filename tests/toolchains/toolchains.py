"""All toolchains, each as its own scaffolder makes a project of it, where the npm registry has that."""

from __future__ import annotations

from tests.toolchains.toolchain import Toolchain

_ESLINT = "eslint --max-warnings 0 --report-unused-disable-directives"
_OXLINT = "oxlint --deny-warnings --report-unused-disable-directives"


def _create_vite(template: str, *options: str) -> str:
    return " ".join(("npx create-vite@latest app --no-interactive --template", template, *options))


def _next(name: str, title: str, build: str, remarks: str) -> Toolchain:
    options = "--ts --eslint --app --src-dir --no-tailwind --import-alias '@/*' --skip-install --disable-git"
    return Toolchain(
        name=name,
        title=title,
        packages=("next",),
        create=f"npx create-next-app@latest app {options}",
        check=(_ESLINT,),
        build=build,
        output="out",
        remarks=remarks,
    )


_VITE_BUILD = "npm run build -- --base $BASE"

TOOLCHAINS = (
    Toolchain(
        name="vite-vanilla",
        title="Vite",
        packages=("vite",),
        create=_create_vite("vanilla-ts"),
        check=("tsc",),
        build=_VITE_BUILD,
    ),
    Toolchain(
        name="vite-react",
        title="Vite, React",
        packages=("vite", "react"),
        create=_create_vite("react-ts"),
        check=("tsc -b", _OXLINT),
        build=_VITE_BUILD,
    ),
    Toolchain(
        name="vite-react-eslint",
        title="Vite, React, ESLint",
        packages=("vite", "react", "eslint"),
        create=_create_vite("react-ts", "--eslint"),
        install=("typescript@6",),
        check=("tsc -b", _ESLINT),
        build=_VITE_BUILD,
        remarks="the scaffold's typescript-eslint wants TypeScript 6",
    ),
    Toolchain(
        name="vite-vue",
        title="Vite, Vue",
        packages=("vite", "vue"),
        create=_create_vite("vue-ts"),
        predict="",
        check=("vue-tsc -b",),
        build=_VITE_BUILD,
    ),
    Toolchain(
        name="vite-svelte",
        title="Vite, Svelte",
        packages=("vite", "svelte"),
        create=_create_vite("svelte-ts"),
        check=("npm run check",),
        build=_VITE_BUILD,
    ),
    _next("next-turbopack", "Next.js, Turbopack", "npm run build", ""),
    _next("next-webpack", "Next.js, webpack", "npm run build -- --webpack", ""),
    Toolchain(
        name="webpack",
        title="webpack, ts-loader",
        packages=("webpack", "ts-loader"),
        install=("webpack", "webpack-cli", "ts-loader", "typescript@6", "html-webpack-plugin", "copy-webpack-plugin"),
        check=("tsc --noEmit",),
        build="npm run build",
    ),
    Toolchain(
        name="angular",
        title="Angular",
        packages=("@angular/core",),
        create="npx @angular/cli@latest new app --defaults --skip-git --skip-install --ssr false",
        install=("buffer",),
        check=("tsc --noEmit -p tsconfig.app.json", "prettier --check src/models"),
        build="npm run build -- --base-href $BASE",
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
        settings="`src/lib/models/` in `.prettierignore`",
    ),
    Toolchain(
        name="parcel",
        title="Parcel",
        packages=("parcel",),
        install=("parcel", "typescript@6", "process", "buffer"),
        check=("tsc --noEmit",),
        build="npm run build -- --public-url $BASE",
        settings="`npm install -D process buffer`",
    ),
    Toolchain(
        name="esbuild",
        title="esbuild",
        packages=("esbuild",),
        install=("esbuild", "typescript@6"),
        check=("tsc --noEmit",),
        build="npm run build",
        output="public",
    ),
    Toolchain(
        name="import-map",
        title="an import map",
        packages=("@tensorflow/tfjs",),
        predict="",
        build="npm run build",
        output="public",
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
