"""boto3 as any job uses it; prints what it got as JSON. Arguments: the file of an expired token."""
import datetime
import json
import os
import sys

import boto3
import botocore.exceptions

session = boto3.Session()
credentials = session.get_credentials()
identity = session.client("sts").get_caller_identity()
expiry = credentials._expiry_time  # noqa: SLF001 - how long it lasts is not public

unsigned = boto3.client("sts")
role = os.environ["AWS_ROLE_ARN"]
token = open(os.environ["AWS_WEB_IDENTITY_TOKEN_FILE"]).read()
answer = unsigned.assume_role_with_web_identity(
    RoleArn=role, RoleSessionName="direct", WebIdentityToken=token
)


def code_of(**arguments):
    try:
        unsigned.assume_role_with_web_identity(RoleArn=role, **arguments)
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"


print(json.dumps({
    "arn": identity["Arn"],
    "method": credentials.method,
    "seconds": (expiry - datetime.datetime.now(datetime.timezone.utc)).total_seconds(),
    "subject": answer["SubjectFromWebIdentityToken"],
    "provider": answer["Provider"],
    "expired": code_of(RoleSessionName="x1", WebIdentityToken=open(sys.argv[1]).read()),
    "bad_name": code_of(RoleSessionName="no:colon", WebIdentityToken=token),
}))
