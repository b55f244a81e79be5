/**
 * The description of a topic, asked for again and again. The client may ask a broker that is
 * silent: while its answer is late, the last one holds, so that the others can be asked on.
 */

import type { Admin, TopicDescription } from "../../kafka/kafka.ts";
import { pause } from "../../lib/wait.ts";

/** An answer is late after this time. */
const LATE_MS = 2_000;

export interface Described {
  /** Undefined = the topic does not exist. */
  readonly topic: TopicDescription | undefined;
  /** A broker has answered now. */
  readonly isNew: boolean;
}

export class Description {
  readonly #lateMs: number;
  #last: TopicDescription | undefined;
  /** The open question: one at a time. */
  #asked: { admin: unknown; answer: Promise<TopicDescription | undefined> } | undefined;

  /** `lateMs`: for tests. */
  constructor(lateMs = LATE_MS) {
    this.#lateMs = lateMs;
  }

  /** Waits for the first answer as long as it takes. @throws KafkaError */
  async of(topic: string, admin: Pick<Admin, "describeTopic">): Promise<Described> {
    const answer = this.#answer(topic, admin).then((found) => ({ topic: found, isNew: true }));
    const last = this.#last;
    if (!last) return this.#noted(await answer);
    const isOver = new AbortController();
    const late = pause(this.#lateMs, isOver.signal);
    try {
      return this.#noted(await Promise.race([answer, late.then(() => old(last))]));
    } finally {
      isOver.abort();
    }
  }

  #noted(described: Described): Described {
    if (described.isNew) this.#last = described.topic;
    return described;
  }

  #answer(topic: string, admin: Pick<Admin, "describeTopic">) {
    if (this.#asked?.admin === admin) return this.#asked.answer;
    const asked = { admin, answer: admin.describeTopic(topic) };
    const isOver = () => {
      if (this.#asked === asked) this.#asked = undefined;
    };
    // Who waits hears of a failure. When nobody does, the next question says the same.
    asked.answer.then(isOver, isOver);
    this.#asked = asked;
    return asked.answer;
  }
}

function old(topic: TopicDescription): Described {
  return { topic, isNew: false };
}
