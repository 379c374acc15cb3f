// Pictures that are built into main as data URLs: no file beside the program is needed for them.
declare module '*.png?inline' {
  const dataUrl: string
  export default dataUrl
}
