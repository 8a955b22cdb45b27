import { runService } from '#service';
import { ensureFirstAdmin, gateway } from './definition.js';

await runService({
  ...gateway,
  create: async (module, env) => {
    const app = await gateway.create!(module, env);
    const { SPECTRACE_ADMIN_EMAIL: email, SPECTRACE_ADMIN_PASSWORD: password } = env;
    // Nobody would see a password made up here.
    if (email && password) await ensureFirstAdmin(app, { email, password });
    return app;
  },
});
