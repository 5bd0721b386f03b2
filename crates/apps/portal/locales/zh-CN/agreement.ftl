# The service agreement.

agreement-title = 服务协议
agreement-heading = 服务协议
agreement-version = 版本 { $version }，散列值
agreement-accepted = 您已同意本协议。
agreement-accept-text = 同意的记录会写入公开日志，其中不含您的身份信息。
agreement-accept = 同意本协议
agreement-error-changed = 协议已更新，请阅读现行版本后再同意。
