// All of them: see scenarios/list.mjs.
import './scenarios/caller.mjs';
import './scenarios/desk.mjs';
import './scenarios/message.mjs';

export { scenarios } from './scenarios/list.mjs';
