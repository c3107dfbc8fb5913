/** The shared record types mention Node's Buffer, which browsers have not. */
declare type Buffer = Uint8Array;
