// NumPy's .npy and .npz, read and written without Node.
export { bytesOf, decodeArray, formatNpy, npyParts, parseNpy, requireShape, toFloat64, type NpyArray } from './array'
export { crc32 } from './crc32'
export { elementTypeOf, elementTypes, itemBytes, NpyError, type ElementType, type NpyData } from './dtype'
export { formatNpyHeader, maximumHeaderBytes, npyDataOffset, parseNpyHeader, type NpyHeader } from './header'
export { bytesSource, npzParts, openNpz, parseNpz, readZipEntry, type Npz } from './npz'
export { readZipDirectory, zipDataOffset, type ZipEntry, type ZipSource } from './zip-read'
export { storedZipBytes, zipDirectory, zipLocalHeader, zipParts, type ZipEntryRecord } from './zip-write'
