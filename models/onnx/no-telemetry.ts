/**
 * ONNX Runtime's builds from 1.30 on report usage to their maker unless told not to, and keep a device id on disk. A
 * plant's process reports to nobody. The library reads the variable when it is first loaded, so this module comes before
 * it; and from the process's own environment, which a worker thread cannot set: whoever starts a worker imports it too.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';
process.env['ORT_TELEMETRY_DISABLED'] = '1';
