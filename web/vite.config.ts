import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { compactTemplates } from "./build/compact-templates";
import { markedLexer } from "./build/marked-lexer";

export default defineConfig({
  plugins: [compactTemplates(), markedLexer()],
  build: {
    outDir: fileURLToPath(new URL("../src/fastapi_chatkit/ui/assets", import.meta.url)),
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    reportCompressedSize: false,
    // Of what is built in: whoever ships the file ships these, too.
    license: { fileName: "licenses.md" },
    lib: {
      entry: fileURLToPath(new URL("src/chatkit.ts", import.meta.url)),
      formats: ["es"],
      fileName: "chatkit",
    },
    rollupOptions: {
      // What lazy chunks share with the main one stays there, rather than in one more file that everybody waits for.
      preserveEntrySignatures: "allow-extension",
      // Vite leaves libraries readable; this one is read by browsers alone.
      output: { chunkFileNames: "chunks/[name]-[hash].js", minify: true },
    },
  },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
});
