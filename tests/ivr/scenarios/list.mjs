// What must be right on every line, whatever platform brings it. Each scenario begins and ends with an
// empty desk. `needs`: what a platform must be able to do.
export const scenarios = [];
export const scenario = (name, run, needs = {}) => scenarios.push({ name, run, needs });
