//! The client and the demo model over real sockets.

#[cfg(test)]
mod client;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod peer;
#[cfg(test)]
mod proxy;
#[cfg(test)]
mod tls;
