// PM2: `npx pm2 start ecosystem.config.cjs`. One process: Telegram lets only one fetch a bot's updates.
const { join } = require('node:path');

module.exports = {
  apps: [
    {
      name: 'storyline',
      cwd: __dirname,
      script: './src/main.ts',
      // Node 24 from the packages, whatever the system has.
      interpreter: join(__dirname, 'node_modules/.bin/node'),
      // Halves the memory of an idle process (DESIGN, section 9).
      interpreter_args: '--max-semi-space-size=2',
      exec_mode: 'fork',
      instances: 1,
      wait_ready: true,
      listen_timeout: 30000,
      // Our own limit for a clean stop is 18 s (src/main.ts); PM2 would kill after 1.6 s.
      kill_timeout: 20000,
      exp_backoff_restart_delay: 500,
      max_memory_restart: '400M',
      env: { NODE_ENV: 'production' },
    },
  ],
};
