"""Rendering reports with tools that live outside Python."""
