# The first page.

home-title = 首页
home-heading = 生成的每一句，都有据可查
home-lead = 朱砂是印泥的颜色。经由本服务生成的内容都带有标识，并记入任何人都能核对的公开日志；对处理结果有异议，可以申诉，并会在公布的时限内得到答复。
home-chat-link = 开始对话
home-verify-link = 核验内容
home-card-chat-title = 与人工智能对话
home-card-chat-text = 回答边生成边检查，末尾带有标识和编号。
home-card-verify-title = 核验一段内容
home-card-verify-text = 输入编号或粘贴文字，查看它是否由本服务生成，并下载可离线验证的证明。
home-card-cases-title = 投诉、举报与申诉
home-card-cases-text = 无需注册。提交后立即获得回执，凭回执查看进度与答复。
home-card-rules-title = 规则与公示
home-card-rules-text = 由谁提供、使用哪些模型、适用哪些规定、多久答复，一一列明。
home-programs-title = 面向开发者
home-programs-text = 接口与 OpenAI 兼容：把现有客户端的接口地址换成下面的地址，再填入应用密钥即可。
