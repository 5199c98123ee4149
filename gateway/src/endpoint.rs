//! How a connection to the service is shared by calls that end and watches that do not.

use std::time::Duration;
use tonic::transport::Endpoint;

/// How many bytes of one answer may be on the way.
const OF_AN_ANSWER: u32 = 256 * 1024;

/// How many bytes of all answers may be on the way: the most that HTTP/2 knows (RFC 9113, section 6.9.1).
const OF_ALL: u32 = (1 << 31) - 1;

/// How often a service that says nothing is asked whether it is still there, and how long it may take to answer.
const ALIVE: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(10));

/// The endpoint, fit for watches.
///
/// All calls share a connection, and what nobody reads uses up its window: with the library's windows, three readers of
/// a watch who stop reading hold up every other call. And a watch notices no service that went without a word, unless
/// somebody asks.
#[must_use]
pub fn endpoint(endpoint: Endpoint) -> Endpoint {
    endpoint
        .initial_stream_window_size(OF_AN_ANSWER)
        .initial_connection_window_size(OF_ALL)
        .http2_keep_alive_interval(ALIVE.0)
        .keep_alive_timeout(ALIVE.1)
}
