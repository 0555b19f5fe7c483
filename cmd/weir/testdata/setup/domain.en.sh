#!/usr/bin/env bash
# Prepares the Google Cloud project example.com:calback-prod for Weir.
#
# Weir printed this script and has run none of it. Read it, then run it with bash,
# signed in with `gcloud auth login` as somebody who may change the project. It may
# be run again: what is there already stays as it is.
#
# It switches on APIs, makes a service account, grants it the narrowest roles that
# do, and lets you act as the account. It makes no key.
# What no command can do stands at the end, in comments: do not stop before it.
set -euo pipefail

PROJECT='example.com:calback-prod'
ACCOUNT='weir-reader@calback-prod.example.com.iam.gserviceaccount.com'

# 1. Switch on the APIs.
#    firestore.googleapis.com: ReadFirestore
#    iamcredentials.googleapis.com: GoogleCloud
gcloud services enable --project="$PROJECT" \
  firestore.googleapis.com \
  iamcredentials.googleapis.com

# 2. Make the service account that Weir acts as.
#    Google takes some seconds to know a new account everywhere: if a step below says
#    that there is none, wait a minute and run the script again.
gcloud iam service-accounts describe "$ACCOUNT" --project="$PROJECT" >/dev/null 2>&1 ||
  gcloud iam service-accounts create 'weir-reader' --project="$PROJECT" --display-name='Weir'

# 3. Grant it its roles on the project.
#    roles/datastore.viewer: ReadFirestore
gcloud projects add-iam-policy-binding "$PROJECT" \
  --member="serviceAccount:$ACCOUNT" --role='roles/datastore.viewer' --condition=None >/dev/null

# 4. Let yourself act as the account, so that no key is needed on your machine.
ME="$(gcloud config get-value account 2>/dev/null)"
case "$ME" in
*.gserviceaccount.com) ME="serviceAccount:$ME" ;;
*) ME="user:$ME" ;;
esac
gcloud iam service-accounts add-iam-policy-binding "$ACCOUNT" --project="$PROJECT" --member="$ME" \
  --role='roles/iam.serviceAccountTokenCreator' --condition=None >/dev/null

# BY HAND: let Weir be this account. Take the first that fits.
#    a. Weir runs on a machine at Google Cloud: attach the account to it. The machine
#       must be stopped for this.
#         gcloud compute instances set-service-account MACHINE --zone=ZONE \
#           --service-account=weir-reader@calback-prod.example.com.iam.gserviceaccount.com \
#           --scopes=https://www.googleapis.com/auth/cloud-platform,https://www.googleapis.com/auth/analytics.readonly
#    b. Weir runs on your own machine: log in once, acting as the account.
#         gcloud auth application-default login --impersonate-service-account=weir-reader@calback-prod.example.com.iam.gserviceaccount.com
#    c. Weir runs elsewhere, where something else vouches for it (GitHub Actions, AWS,
#       Azure, Kubernetes): make a workload identity pool, let the identity act as the
#       account, and name the file that this writes in GOOGLE_APPLICATION_CREDENTIALS.
#         gcloud iam workload-identity-pools create-cred-config PROVIDER \
#           --service-account=weir-reader@calback-prod.example.com.iam.gserviceaccount.com --output-file=weir-identity.json
#    d. Nothing else fits: a key, which is a password that never expires.
#         gcloud iam service-accounts keys create weir-key.json --iam-account=weir-reader@calback-prod.example.com.iam.gserviceaccount.com
#         weir secret set gcp-key < weir-key.json && shred -u weir-key.json
#       and in the service's settings: "key": {"secret": "gcp-key"}
#
# The service in your flow file:
#    "services": {"gcp": {"kind": "GoogleCloud", "settings": {"project": "example.com:calback-prod"}}}
# Then `weir flow verify FLOW.json` tries every step, and says what is still missing.
