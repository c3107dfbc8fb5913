/** The states of an asset's steps, wherever they are kept. */
interface States<S> {
  /** The key's state, to be changed in place and handed back by `done`. */
  S touch(String key);

  void done(String key, S state);
}
