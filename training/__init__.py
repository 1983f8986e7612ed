"""The recipe that makes the Dutch speech model. The product never imports it."""
