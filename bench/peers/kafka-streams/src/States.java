/** The states of the steps by asset, in any kind of store. */
interface States<S> {
  /** Returns the state of a key. The caller changes it in place and then calls `done`. */
  S touch(String key);

  void done(String key, S state);
}
