//! Puts the segments of TCP connections into order.
