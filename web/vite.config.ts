import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const SERVER = "http://127.0.0.1:8765";

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../api/web",
    emptyOutDir: true,
    // A data: address for a small file would need an exception in the content security policy.
    assetsInlineLimit: 0,
    target: "es2023",
  },
  server: { host: "127.0.0.1", proxy: { "/graphql": SERVER } },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
