// Operands that begin with a dash, such as the expression -x^2: told from options before commander sees them.
import type { Command } from 'commander'

/**
 * The words of the command line with such operands behind a `--`. All our options have long names: what begins with a single dash, and is not
 * `-h` or an option's value, is an operand. Words of commands with subcommands, and words without such operands, stay as they are.
 */
export function withDashedOperands(program: Command, words: readonly string[]): string[] {
  const command = program.commands.find((one) => one.name() === words[0])
  if (!command || command.commands.length > 0) return [...words]
  const options: string[] = []
  const operands: string[] = []
  for (let k = 1; k < words.length; k++) {
    const word = words[k]
    if (word === '--') {
      operands.push(...words.slice(k + 1))
      break
    }
    if (word.startsWith('--') || word === '-h') {
      options.push(word)
      // The value that follows an option is its own, whatever it begins with.
      if (command.options.some(({ long, required }) => long === word && required) && k + 1 < words.length) options.push(words[++k])
    } else operands.push(word)
  }
  return operands.some((word) => word.startsWith('-')) ? [words[0], ...options, '--', ...operands] : [...words]
}
