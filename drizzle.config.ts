import { defineConfig } from 'drizzle-kit';

/** `npx drizzle-kit generate --name <what_changes>` writes the next migration; it needs no database. */
export default defineConfig({
  dialect: 'postgresql',
  schema: './src/db/schema/index.ts',
  out: './drizzle',
});
