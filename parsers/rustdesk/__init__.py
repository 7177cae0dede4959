"""RustDesk's own logs and configuration."""
