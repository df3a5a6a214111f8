//! Links, tunnels and IP, to datagrams.
