/** The gallery of widgets as a page: `vite build tests/gallery --outDir ...`. */
import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  base: "./",
  build: { target: "es2022", modulePreload: false, assetsInlineLimit: 0 },
});
