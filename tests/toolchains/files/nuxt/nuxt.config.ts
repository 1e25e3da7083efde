export default defineNuxtConfig({ app: { baseURL: process.env.BASE } });
