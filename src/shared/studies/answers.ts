// What is said of a study: in the list, by itself, and whether its race was fair. The same on the wire and on the command line.
import type { RunState } from '../run/schema'
import type { Json, Scale, StudySpec } from './spec'

export type StudyState = 'running' | 'stopped' | 'done'
/** Whose figures a study is judged by. */
export type JudgedOn = 'training' | 'validation' | 'test'

/** Means over the runs that reached the target (without one: over those that came to their end). */
export interface Costs {
  /** Runs that reached it. */
  readonly reached: number
  readonly steps: number | null
  readonly epochs: number | null
  /** The steps' own work. */
  readonly seconds: number | null
  readonly gradientEvaluations: number | null
  /** The sum of the steps' learning rates, Σ η. */
  readonly learningRateTime: number | null
}

export interface StudySummary {
  readonly id: string
  readonly name: string
  /** ISO 8601, UTC. */
  readonly createdAt: string
  /** `done`: every run has ended, and its analyses are made. */
  readonly state: StudyState
  readonly cells: number
  readonly runs: number
  /** Runs that came to their end. */
  readonly finished: number
  /** Runs that failed or diverged. */
  readonly failed: number
  /** Runs at work now. */
  readonly running: number
  /** "valLoss, lowest at the last step, mean over 3 seeds; validation". */
  readonly selection: string
  readonly best: { readonly cell: number; readonly mean: number; readonly std: number | null } | null
  /** Kinds, of a face-off each; otherwise the base's. */
  readonly optimizers: readonly string[]
  /** Why study.json cannot be read, one sentence; null when it can. */
  readonly damage: string | null
}

export interface StudyAxis {
  readonly path: string
  readonly label: string
  /** Every value is a number. */
  readonly numeric: boolean
  /** Of a range; null for a list of values. */
  readonly scale: Scale | null
  /** Each once; ascending where they were drawn. */
  readonly values: readonly Json[]
}

export interface StudyRunRow {
  readonly run: string
  readonly seed: number
  /** `planned`: there is no such run yet. */
  readonly state: RunState | 'planned'
  /** At the selected point; null where it has none, diverged or failed. */
  readonly value: number | null
  /** The step that the value is from. */
  readonly step: number | null
  /** Of a study that makes analyses of its runs. */
  readonly analyses?: {
    /** By the name `kind.figure`; null where there is none. */
    readonly figures: Readonly<Record<string, number | null>>
    /** How many are still to be made. */
    readonly due: number
    /** Why some could not be made, a sentence each. */
    readonly faults: readonly string[]
  }
}

export interface StudyRow {
  readonly index: number
  readonly values: Readonly<Record<string, Json>>
  readonly optimizer: number | null
  /** Runs with a value, of how many. */
  readonly n: number
  readonly of: number
  readonly mean: number | null
  /** With n − 1; null for fewer than two. */
  readonly std: number | null
  readonly costs: Costs | null
  readonly runs: readonly StudyRunRow[]
}

export interface StudyDetails extends StudySummary {
  readonly spec: StudySpec
  /** Of the study, then those of its optimizers; a path that several search is one axis. */
  readonly axes: readonly StudyAxis[]
  readonly on: JudgedOn
  readonly table: readonly StudyRow[]
  /** null while nothing tells. */
  readonly etaSeconds: number | null
  /** What a reader must know of the figures, a sentence each. */
  readonly notes: readonly string[]
}

export const sharedParts = ['weights', 'projection', 'batches', 'dataset'] as const
export type SharedPart = (typeof sharedParts)[number]

/** `hash`: what most of the runs recorded; null where there is none. */
export interface SharedHash {
  readonly hash: string | null
  readonly same: boolean
}

/** Runs that ought to start alike: of one seed, with the same data, network and batches in their specs. */
export interface FairnessGroup extends Readonly<Record<SharedPart, SharedHash>> {
  readonly seed: number
  readonly cells: readonly number[]
  /** Runs that recorded their hashes, of how many. */
  readonly recorded: number
  readonly of: number
}

export interface Fairness {
  /** Hashes were recomputed, not only compared. */
  readonly verified: boolean
  readonly groups: readonly FairnessGroup[]
  /** Empty where nothing is wrong. `what`: weights, projection, batches, dataset, spec, checkpoint. */
  readonly findings: readonly { readonly run: string; readonly what: string; readonly sentence: string }[]
}

export interface StudyCheck {
  /** Dotted paths into the study; those of the base begin with `base.`. */
  readonly problems: readonly { readonly path: string; readonly message: string }[]
  readonly cells: number
  readonly runs: number
  /** All runs one after the other; null where nothing tells. */
  readonly estimate: { readonly seconds: number | null; readonly bytes: number | null }
  /** Empty where there is a problem. */
  readonly selection: string
}

export type StudiesEvent = { readonly kind: 'changed'; readonly summary: StudySummary } | { readonly kind: 'removed'; readonly id: string }
