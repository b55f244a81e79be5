/** Who is in a consumer group, in words: what a member that is not ours owns is not counted. */

/** The name that all our clients give themselves, unless the user gives another. */
export const CLIENT_ID = "salesboard";
/** Members that are named. */
const MEMBERS_NAMED_MAX = 5;

/** A client in a consumer group. */
export interface GroupMember {
  /** The name that the client gives itself. */
  readonly client: string;
  /** The address that the broker sees, such as `/10.0.0.7`. */
  readonly host: string;
  /** Its `group.instance.id`, if it has one. */
  readonly instance?: string;
  /** The partitions that the group has given to the member; undefined = unknown. */
  readonly assigned?: readonly { readonly topic: string; readonly partition: number }[];
}

/** "kcat at 10.0.0.7, salesboard at 10.0.0.8 and 3 more" */
export function memberNames(members: readonly GroupMember[]): string {
  const texts = members.map(({ client, host }) => `${client} at ${host.replace(/^\//, "")}`);
  const more = texts.length - MEMBERS_NAMED_MAX;
  const some = texts.slice(0, MEMBERS_NAMED_MAX).join(", ");
  return more > 0 ? `${some} and ${more} more` : some;
}

/** What the members are held against. */
export interface GroupUse {
  readonly group: string;
  readonly inputTopic: string;
  /** The name that our clients give themselves. */
  readonly client: string;
}

/** Members of the group that are another program: they do not have the name of our clients. */
export function strangersAmong<T extends GroupMember>(
  members: readonly T[],
  { client }: Pick<GroupUse, "client">,
): T[] {
  return members.filter((member) => member.client !== client);
}

/** `rdkafka`: the user's properties. */
export function groupUse({
  group,
  inputTopic,
  rdkafka,
}: Omit<GroupUse, "client"> & { readonly rdkafka: Readonly<Record<string, string>> }): GroupUse {
  return { group, inputTopic, client: rdkafka["client.id"] ?? CLIENT_ID };
}

/**
 * Which members own these partitions of the input, and what to do, as a clause. `stranger`: of
 * other programs, which count nothing. `other`: of those with our name, which may count into
 * another output. Both undefined = nobody owns them, or the cluster did not say who.
 * `partitions`: undefined = all of them.
 */
export function ownersOf(
  partitions: Iterable<number> | undefined,
  members: readonly GroupMember[],
  use: GroupUse,
): { stranger: string | undefined; other: string | undefined } {
  const wanted = partitions && new Set(partitions);
  const owners = members.flatMap((member) => {
    const { assigned = [] } = member;
    const ids = assigned.flatMap(({ topic, partition }) => {
      const isMeant = topic === use.inputTopic && (!wanted || wanted.has(partition));
      return isMeant ? [partition] : [];
    });
    return ids.length > 0 ? [{ ...member, ids }] : [];
  });
  const strangers = strangersAmong(owners, use);
  const others = owners.filter((owner) => !strangers.includes(owner));
  return {
    stranger: owned(strangers, use, ({ isOne, where }) => {
      const [that, what] = isOne
        ? ["By its client id that is another program", "that program, or give it another group"]
        : ["By their client ids those are other programs", "them, or give them another group"];
      return `${that}, so that no sale in ${where} is counted: stop ${what}`;
    }),
    other: owned(others, use, ({ isOne }) => {
      const whose = isOne ? "Its log says" : "Their logs say";
      return (
        `${whose} why nothing is counted. A process with another --output-topic needs ` +
        "a --group of its own"
      );
    }),
  };
}

function owned(
  owners: readonly (GroupMember & { readonly ids: readonly number[] })[],
  { inputTopic, group }: GroupUse,
  rest: (of: { isOne: boolean; where: string }) => string,
): string | undefined {
  if (owners.length === 0) return undefined;
  const ids = owners.flatMap(({ ids }) => ids).sort((a, b) => a - b);
  const isOnly = ids.length === 1;
  const [what, where] = isOnly
    ? ["partition", "this partition"]
    : ["partitions", "these partitions"];
  const owns = `${what} ${ids.join(", ")} of ${inputTopic} ${isOnly ? "belongs" : "belong"}`;
  const end = rest({ isOne: owners.length === 1, where });
  return `${owns} to ${memberNames(owners)}, in the same group ${group}. ${end}`;
}
