// Addresses of float64 elements. `usize` is unsigned 32 bits, so memory above 2 GiB works; negative indices and strides wrap as they should.

/** Address of element `index` of the float64 array at `base`. */
export function element(base: usize, index: i32): usize {
  return base + ((<usize>index) << 3)
}

/** Sum of the two lanes. */
export function laneSum(value: v128): f64 {
  return f64x2.extract_lane(value, 0) + f64x2.extract_lane(value, 1)
}
