"""The record in the formats of others, one file each; every writer takes records, from a store or a reader alike."""
