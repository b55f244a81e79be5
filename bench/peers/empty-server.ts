/**
 * The least that a server compiled by Bun can be: what its start takes is not ours to save.
 *
 *   empty-server PORT
 */

Bun.serve({ hostname: "127.0.0.1", port: Number(process.argv[2]), fetch: () => new Response("ok") });
