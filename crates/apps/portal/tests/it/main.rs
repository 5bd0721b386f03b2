//! What holds for every page and every text.

mod access;
mod html;
mod locales;
mod render;
mod service;
