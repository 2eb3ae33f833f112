// The lists of the estimator, one by one: its packages' own entries bring all of them.
declare module '*.json.mjs' {
  const list: unknown;
  export default list;
}
declare module '*.json.esm.js' {
  const list: unknown;
  export default list;
}
