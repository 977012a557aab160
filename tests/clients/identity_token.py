"""boto3's GetWebIdentityToken with the credentials of the environment; prints the token, or the error's code."""
import boto3
import botocore.exceptions

try:
    answer = boto3.client("sts").get_web_identity_token(
        Audience=["sts.amazonaws.com"], SigningAlgorithm="ES384", DurationSeconds=120
    )
    print(answer["WebIdentityToken"])
except botocore.exceptions.ClientError as error:
    print(error.response["Error"]["Code"])
