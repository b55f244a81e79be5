/** A real HTTP server that a webhook is posted to; it keeps what it was sent. */

export interface Post {
  path: string;
  contentType: string | null;
  /** Parsed from JSON. */
  body: Record<string, string>;
}

export interface Receiver {
  readonly url: string;
  readonly posts: readonly Post[];
  /** How the next posts are answered, one each; then 200. */
  answerWith(...answers: (() => Response | Promise<Response>)[]): void;
  stop(): Promise<void>;
}

export function startReceiver(port = 0): Receiver {
  const posts: Post[] = [];
  const answers: (() => Response | Promise<Response>)[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port,
    async fetch(request) {
      const body = (await request.json()) as Post["body"];
      const contentType = request.headers.get("content-type");
      posts.push({ path: new URL(request.url).pathname, contentType, body });
      return answers.shift()?.() ?? new Response("ok");
    },
  });
  return {
    url: server.url.href.replace(/\/$/, ""),
    posts,
    answerWith: (...more) => void answers.push(...more),
    stop: () => server.stop(true),
  };
}
