export { csvLine } from '../../engine/encoding.js';
