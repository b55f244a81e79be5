/** Completions for shells, from the table of options: nothing else knows what there is. */

import type { Option } from "../option-types.ts";
import { commands, rows, shells, tokenActions } from "../options.ts";

interface Completed {
  /** `--port`. */
  readonly flag: string;
  readonly meaning: string;
  /** The name of the value; undefined = there is none. */
  readonly argument: string | undefined;
  /** The value is a file. */
  readonly isFile: boolean;
  /** All values; empty = they have no list. */
  readonly choices: readonly string[];
}

/** What a command is followed by. */
const wordsBehind = Object.entries({ completion: shells, token: tokenActions });

const completed: readonly Completed[] = [
  ...rows.map(([, row]) => completedOf(row)),
  flagOf("--help", "print all options"),
  flagOf("--version", "print the version"),
];

function completedOf({ flag, meaning, argument, kind }: Option<unknown>): Completed {
  return { flag, meaning, argument, isFile: argument === "FILE", choices: kind.choices ?? [] };
}

function flagOf(flag: string, meaning: string): Completed {
  return { flag, meaning, argument: undefined, isFile: false, choices: [] };
}

const flagsWhere = (test: (option: Completed) => boolean) =>
  completed.filter(test).map(({ flag }) => flag);

/** By shell: a script to be sourced. */
export const completions = { bash: () => bash(), zsh: () => zsh(), fish: () => fish() };

function bash(): string {
  const files = flagsWhere(({ isFile }) => isFile).join("|");
  const free = flagsWhere(({ argument, isFile, choices }) => {
    return argument !== undefined && !isFile && choices.length === 0;
  });
  const listed = completed.filter(({ choices }) => choices.length > 0);
  const reply = (words: readonly string[]) =>
    `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current")); return`;
  return `# Completions of salesboard for bash: source <(salesboard completion bash)
_salesboard() {
  local current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]} word
  COMPREPLY=()
  case $before in
${listed.map(({ flag, choices }) => `    ${flag}) ${reply(choices)} ;;`).join("\n")}
    ${files}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    ${free.join("|")}|-X) return ;;
${wordsBehind.map(([command, words]) => `    ${command}) ${reply(words)} ;;`).join("\n")}
  esac
  if [[ $current == -* ]]; then
    ${reply([...flagsWhere(() => true), "-X", "-h"])}
  fi
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${Object.keys(commands).join("|")}) return ;; esac
  done
  ${reply(Object.keys(commands))}
}
complete -F _salesboard salesboard`;
}

function zsh(): string {
  const inBrackets = (text: string) => text.replace(/[[\]\\:]/g, "\\$&");
  const spec = ({ flag, meaning, argument, isFile, choices }: Completed) => {
    const values = isFile ? "_files" : choices.length > 0 ? `(${choices.join(" ")})` : " ";
    const value = argument === undefined ? "" : `:${inBrackets(argument)}:${values}`;
    return `    ${single(`${flag}[${inBrackets(meaning)}]${value}`)}`;
  };
  const names = Object.entries(commands).map(([name, meaning]) => {
    return `    ${single(`${name}:${inBrackets(meaning)}`)}`;
  });
  return `#compdef salesboard
# Completions of salesboard for zsh: source <(salesboard completion zsh)
_salesboard_commands() {
  local -a names
  names=(
${names.join("\n")}
  )
  _describe command names
}
_salesboard_words() {
${wordsBehind.map(([command, words]) => `  (( \${words[(I)${command}]} )) && compadd ${words.join(" ")}`).join("\n")}
}
_salesboard() {
  local -a specs
  specs=(
${completed.map(spec).join("\n")}
    '*-X[a property of librdkafka]:key=value: '
    '-h[print a short help]'
    '1:command:_salesboard_commands'
    '2::word:_salesboard_words'
  )
  _arguments $specs
}
compdef _salesboard salesboard`;
}

function fish(): string {
  const option = ({ flag, meaning, argument, isFile, choices }: Completed) => {
    const value = argument === undefined ? "" : isFile ? " -r -F" : " -x";
    const list = choices.length > 0 ? ` -a ${single(choices.join(" "))}` : "";
    return `complete -c salesboard -l ${flag.slice(2)}${value}${list} -d ${fishQuoted(meaning)}`;
  };
  const command = ([name, meaning]: readonly [string, string]) =>
    `complete -c salesboard -n __fish_use_subcommand -a ${name} -d ${fishQuoted(meaning)}`;
  return [
    "# Completions of salesboard for fish: salesboard completion fish | source",
    "complete -c salesboard -f",
    ...Object.entries(commands).map(command),
    ...wordsBehind.map(([name, words]) => {
      const seen = `__fish_seen_subcommand_from ${name}`;
      return `complete -c salesboard -n '${seen}' -a '${words.join(" ")}'`;
    }),
    ...completed.map(option),
    "complete -c salesboard -s X -x -d 'a property of librdkafka, key=value'",
    "complete -c salesboard -s h -d 'print a short help'",
  ].join("\n");
}

function single(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** In fish, a backslash escapes within quotes too. */
function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
