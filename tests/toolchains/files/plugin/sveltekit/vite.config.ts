import adapter from '@sveltejs/adapter-static';
import { sveltekit } from '@sveltejs/kit/vite';
import tfjsBuild from 'tfjs-build/vite';
import { defineConfig } from 'vite';

export default defineConfig({
	plugins: [
		tfjsBuild(),
		sveltekit({
			adapter: adapter(),
			paths: { base: process.env.BASE_PATH as '' | `/${string}` }
		})
	]
});
