// What a data set that waits to be installed was taken for, and what samples look like: plain data for the page.
import type { DatasetManifest } from './schema'

/** Samples as small pictures. */
export interface Thumbnails {
  readonly width: number
  readonly height: number
  /** 1 (grey) or 3 (red, green, blue). */
  readonly channels: number
  /** Picture after picture, row by row, the channels of a pixel together. */
  readonly pixels: Uint8Array
  /** Names of the pictures' fine classes; empty text where there are none. */
  readonly labels: readonly string[]
  /** Of real numbers: the values that are drawn black and white, those of the whole training set. Null for bytes, which are drawn as they are. */
  readonly range: readonly [least: number, greatest: number] | null
}

/** Samples of each class, by class number. */
export interface ClassCounts {
  readonly names: readonly string[]
  readonly train: Float64Array
  readonly test: Float64Array
}

/** Of every value of the training samples: none is left out. */
export interface ValueStatistics {
  readonly samples: number
  readonly perSample: number
  /** Of images one a channel; else one over all features. */
  readonly channels: readonly {
    readonly mean: number
    /** The root of the mean squared distance from the mean (over n). */
    readonly std: number
    readonly least: number
    readonly greatest: number
    /** Bin i begins at from + i·(to − from)/bins; the last one holds its upper edge too. Of bytes: one a value, from 0 to 255. */
    readonly counts: Float64Array
  }[]
  readonly from: number
  readonly to: number
}

export interface DatasetStatistics {
  readonly fine: ClassCounts | null
  readonly coarse: ClassCounts | null
  readonly values: ValueStatistics
}

export interface DatasetInspection extends Pick<
  DatasetManifest,
  'id' | 'title' | 'shape' | 'dtype' | 'counts' | 'partial' | 'targets' | 'checks' | 'licence' | 'source' | 'fingerprint'
> {
  readonly path: string
  /** One sentence about what a table was taken for; null for what is none. */
  readonly reading: string | null
  readonly statistics: DatasetStatistics
  /** The first training samples: pictures of images, else numbers. */
  readonly pictures: Thumbnails | null
  readonly rows: SampleRows | null
}

/** The first values of the first samples, with what they are called. */
export interface SampleRows {
  readonly columns: readonly string[]
  /** Features that are not shown. */
  readonly moreColumns: number
  readonly values: readonly (readonly number[])[]
  /** Of each sample its class, or its target values. */
  readonly targets: readonly string[]
}
