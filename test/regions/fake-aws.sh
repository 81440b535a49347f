#!/bin/sh
# Stands for the aws, npx and sleep commands while printed lines run. What they are asked is written to $FAKE/calls; what
# AWS holds are files in $FAKE: role, policy, log-role-<region>, region-<region>. How it behaves:
#   $REFUSALS    so many times API Gateway refuses a role that IAM has not spread yet (per region)
#   $ENABLING    so many times a region is asked for before it says ENABLED
#   $DENIED      a command, such as "apigateway update-account", that is not allowed
#   $FORGETFUL   API Gateway accepts a role and does not keep it
name=$(basename "$0")
echo "$name $*" >>"$FAKE/calls"

fail() {
  echo "An error occurred ($1) when calling the $2 operation: $3" >&2
  exit 254
}
# How often this was asked before.
count() {
  n=$(cat "$FAKE/count-$1" 2>/dev/null || echo 0)
  echo $((n + 1)) >"$FAKE/count-$1"
  echo "$n"
}
argument() {
  while [ $# -gt 1 ]; do
    [ "$2" = "$wanted" ] && { echo "$3"; return; }
    shift
  done
}
option() { wanted=$1; shift; argument "" "$@"; }

case "$name" in
  sleep) exit 0 ;;
  npx) exit "${NPX_STATUS:-0}" ;;
esac
[ "$1 $2" = "$DENIED" ] && fail AccessDeniedException "$2" "User is not authorized to perform this action"
region=$(option --region "$@")

case "$1 $2" in
  "sts get-caller-identity") echo 123456789012 ;;
  "account get-region-opt-status")
    at="$FAKE/region-$(option --region-name "$@")"
    if [ ! -e "$at" ]; then echo DISABLED; exit; fi
    [ "$(count "asked-$(basename "$at")")" -ge "${ENABLING:-0}" ] && echo ENABLED >"$at"
    cat "$at"
    ;;
  "account enable-region")
    at="$FAKE/region-$(option --region-name "$@")"
    [ -e "$at" ] && fail ConflictException EnableRegion "The region is enabled or being enabled"
    echo ENABLING >"$at"
    ;;
  "iam create-role")
    [ -e "$FAKE/role" ] && fail EntityAlreadyExists CreateRole "Role with name apigateway-logs already exists."
    touch "$FAKE/role"
    ;;
  "iam wait") # role-exists
    [ -e "$FAKE/role" ] || { echo "Waiter RoleExists failed: Max attempts exceeded" >&2; exit 255; }
    ;;
  "iam attach-role-policy")
    [ -e "$FAKE/role" ] || fail NoSuchEntity AttachRolePolicy "The role with name apigateway-logs cannot be found."
    touch "$FAKE/policy"
    ;;
  "apigateway get-account") cat "$FAKE/log-role-$region" 2>/dev/null || echo None ;;
  "apigateway update-account")
    patch=$(option --patch-operations "$@")
    { [ -e "$FAKE/policy" ] && [ "$(count "refused-$region")" -ge "${REFUSALS:-0}" ]; } ||
      fail BadRequestException UpdateAccount "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."
    [ -n "$FORGETFUL" ] || echo "${patch##*value=}" >"$FAKE/log-role-$region"
    ;;
  *)
    echo "the fake knows no aws $1 $2" >&2
    exit 252
    ;;
esac
