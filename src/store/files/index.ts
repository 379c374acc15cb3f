// Files the store writes and reads: atomic writes, appended lines, JSON against schemas, NumPy arrays by seeking.
export {
  isReplaced,
  jsonText,
  replacedName,
  partialEnding,
  publishFolder,
  removeWhole,
  renamePatiently,
  writeAtomically,
  writeJson,
  writeParts,
  type WrittenFile
} from './atomic'
export { isDevicePath } from './device-path'
export { fileChunks, fileStart, hashFile } from './chunks'
export { realFileSystem, type FileInfo, type FileSystem, type OpenFile, type OpenMode } from './file-system'
export { completeLines, openLineFile, type LineFile } from './line-file'
export { fileSource, openNpy, readNpy, readNpz, withNpz, type NpyFile } from './npy-file'
export { parseJson, readJson, schemaFaults } from './read-json'
export { decodeText, type DecodedText, type TextFault } from './text'
export { StorageError, systemCodeOf, toStorageError, translating, type StorageCode } from './storage-error'
