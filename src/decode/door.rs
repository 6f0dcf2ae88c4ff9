//! Door counters that write lines, and contacts: readings to door facts.
