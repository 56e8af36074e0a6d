-- name: Deployment :one
SELECT kind, outbox_held FROM deployment;
