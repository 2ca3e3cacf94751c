! Every way of writing instructions that this assembler takes: operand forms, other names, synthetic instructions.
 .text
 .register %g2, #scratch
 .register %g3, #scratch
value = 0x40
start:
! second operands
 add %g1, %g2, %g3
 add %g1, -4096, %g3
 add %g1, 4095, %g3
 add %g1, value + 1, %g3
 add %g1, -(4), %g3
 add %g1, 4 + -1, %g3
 add 5, %g1, %g2
 add %r1, %sp, %fp
 ADD %o7, %l7, %i7
 add %g1, 'a', %g2
 addcc 5, %g1, %g2
 addc %g1, %g2, %g3
 addx %g1, 5, %g3
 addccc 5, %g1, %g2
 addxcc %g1, %g2, %g3
 sub %g1, %g2, %g3
 subcc %g1, 1, %g3
 subc %g1, %g2, %g3
 subx %g1, %g2, %g3
 subccc %g1, 5, %g3
 subxcc %g1, 5, %g3
 and 5, %g1, %g2
 andcc 5, %g1, %g2
 andn %g1, 5, %g2
 andncc %g1, %g2, %g2
 or 5, %g1, %g2
 orcc 5, %g1, %g2
 orn %g1, %g2, %g3
 orncc %g1, %g2, %g3
 xor 5, %g1, %g2
 xorcc 5, %g1, %g2
 xnor 5, %g1, %g2
 xnorcc 5, %g1, %g2
 mulx %g1, 5, %g2
 sdivx %g1, %g2, %g3
 udivx %g1, 5, %g3
 umul 5, %g1, %g2
 umulcc 5, %g1, %g2
 smul 5, %g1, %g2
 smulcc 5, %g1, %g2
 udiv %g1, %g2, %g3
 udivcc %g1, 5, %g3
 sdiv %g1, %g2, %g3
 sdivcc %g1, 5, %g3
 taddcc 5, %g1, %g2
 taddcctv 5, %g1, %g2
 tsubcc %g1, 5, %g2
 tsubcctv %g1, %g2, %g2
 mulscc %g1, %g2, %g3
 popc %g1, %g2
 popc 5, %g2
 sll %g1, 31, %g2
 srl %g1, %g2, %g3
 sra %g1, 0, %g2
 sllx %g1, 63, %g2
 srlx %g1, %g2, %g3
 srax %g1, 32, %g2
 sethi 0x3fffff, %g1
 sethi value, %g1
 sethi %hi(start), %g1
 or %g1, %lo(start), %g1
 sethi %hi(0x12345678), %g1
 or %g1, %lo(0x12345678), %g1
 sethi %hh(start + 4), %g1
 or %g1, %hm(start + 4), %g1
 sethi %lm(start + 4), %g1
 sethi %uhi(start), %g1
 or %g1, %ulo(start), %g1
 sethi %h44(start), %g1
 or %g1, %m44(start), %g1
 or %g1, %l44(start), %g1
 sethi %hix(-5000), %g1
 xor %g1, %lox(-5000), %g1
 sethi %h34(start), %g1
 sethi %pc22(start), %g1
 or %g1, %pc10(start), %g1
! addresses
 ld [%g1], %g2
 ld [4], %g2
 ld [4 + %g1], %g2
 ld [%g1 - 4], %g2
 ld [%g1+%g2], %g2
 ld [value + 4 + %g1], %g2
 ld [%g1 + value + 4], %g2
 ld [%g1 + %lo(start)], %g2
 ld [%g1 + %lo(start) + 4], %g2
 ld [%lo(start) + %g1], %g2
 lduw [%g1], %g2
 ldub [%i0 + %g0], %g1
 lduh [%g1 + 2], %g2
 ldx [%g1 + 8], %g2
 ldsb [%g1], %g2
 ldsh [%g1], %g2
 ldsw [%g1], %g2
 ldd [%g1], %g2
 st %g1, [%g2]
 stw %g1, [%g2]
 stuw %g1, [%g2]
 stsw %g1, [%g2]
 sth %g1, [%g2]
 stuh %g1, [%g2]
 stsh %g1, [%g2]
 stb %g1, [%g2]
 stub %g1, [%g2]
 stsb %g1, [%g2]
 stx %g1, [%g2 + 8]
 std %g2, [%g4]
 ldstub [%g1], %g2
 swap [%g1+8], %g2
 lda [%g1] 0x80, %g2
 lda [%g1] value, %g2
 lduwa [%g1 + %g2] #ASI_P, %g2
 lda [%g1]%asi, %g2
 lda [%g1+4]%asi, %g2
 lda [4]%asi, %g2
 lduba [%g1] #ASI_PRIMARY, %g2
 lduha [%g1] (0x11), %g2
 ldxa [%g1 + %g2]0x30+1, %g2
 ldsba [%g1] #ASI_AIUS, %g2
 ldsha [%g1] #ASI_N, %g2
 ldswa [%g1 + -4] %asi, %g2
 ldda [%g1] #ASI_NUCLEUS_QUAD_LDD, %g2
 sta %g1, [%g2] #ASI_DMMU
 stwa %g1, [%g2] %asi
 stuwa %g1, [%g2] 0x50
 stswa %g1, [%g2] 0x50
 stha %g1, [%g2] #ASI_P
 stuha %g1, [%g2] #ASI_P
 stsha %g1, [%g2] #ASI_P
 stba %g1, [%g2] #ASI_P
 stuba %g1, [%g2] #ASI_P
 stsba %g1, [%g2] #ASI_P
 stxa %g1, [%g0] #ASI_DMMU_DEMAP
 stda %g2, [%g4] %asi
 ldstuba [%g1] %asi, %g3
 swapa [%g1] #ASI_P, %g3
 casa [%g1] #ASI_P, %g2, %g3
 casa [%g1] %asi, %g2, %g3
 casxa [%g1] 0x80, %g2, %g3
 cas [%g1], %g2, %g3
 casl [%g1], %g2, %g3
 casx [%g1], %g2, %g3
 casxl [%g1], %g2, %g3
 prefetch [%g1], 0
 prefetch [%g1], #n_reads
 prefetch [%g1], #one_read
 prefetch [%g1 + %g2], #n_writes
 prefetch [%g1 + 4], 31
 prefetcha [%g1] #ASI_P, #one_write
 prefetcha [%g1] %asi, 4
 membar #Sync
 membar #LoadLoad|#StoreStore
 membar #StoreLoad | #Lookaside
 membar #MemIssue
 membar 0
 membar 127
 stbar
 flush %g1
 flush %g1 + 4
 flush [%g1]
 iflush %g1
! branches
1: b 1b
 b,a 2f
 ba start
 bn start
 be start
 bz 1b
 bne,a 1b
 bnz,a 1b
 bg 1b
 ble 1b
 bge 1b
 bl 1b
 bgu 1b
 bleu 1b
 bcc 1b
 bgeu 1b
 bcs 1b
 blu 1b
 bpos 1b
 bneg 1b
 bvc 1b
 bvs 1b
2: ba,pt %icc, 1b
 b,pt %xcc, 2b
 b,a %xcc, 1f
 ba,pn %xcc, start
 bne %icc, 1f
 bz,pn %xcc, 1f
 bgeu,a,pt %icc, 1f
 blu,a,pn %xcc, . + 8
1: iprefetch start
 fb start
 fba,a start
 fbn start
 fbu start
 fbg start
 fbug start
 fbl start
 fbul start
 fblg start
 fbne start
 fbnz start
 fbe start
 fbz start
 fbue start
 fbge start
 fbuge start
 fble start
 fbule start
 fbo start
 fbnz,a,pn %fcc1, 1b
 fb,pt %fcc2, 1b
 fbo %fcc3, 1b
 brz,a,pn %g1, 1b
 brlez %g1, 1b
 brlz,pt %g1, 1b
 brnz %g1, 1b
 brgz,a %g1, 1b
 brgez %g1, 1b
 call start
 call start, 0
 call start + 4
 call %g1
 call %g1 + 4
 call %g1 + %g2, 0
 call %g1, 0
 jmp %g1
 jmp %g1 + %g2
 jmp %g1 + 4
 jmp %lo(start)
 jmpl %g1 + 4, %g0
 jmpl %g1 - 4, %o7
 return %i7 + 8
 rett %i7 + 8
 ret
 retl
! conditional moves and traps
 move %icc, -1024, %g1
 move %icc, 1023, %g1
 movne %xcc, %g2, %g1
 movz %icc, 1, %g1
 movnz %fcc0, 1, %g1
 movgeu %xcc, 1, %g1
 movlu %xcc, 1, %g1
 movlg %fcc2, %g2, %g1
 mova %icc, %g2, %g1
 movn %fcc1, %g2, %g1
 movu %fcc3, %g2, %g1
 movrz %g1, 511, %g2
 movre %g1, -512, %g2
 movrlez %g1, %g2, %g3
 movrlz %g1, %g2, %g3
 movrnz %g1, %g2, %g3
 movrne %g1, %g2, %g3
 movrgz %g1, %g2, %g3
 movrgez %g1, 0, %g3
 ta 127
 ta 5
 ta %g0 + 109
 ta %g1
 ta %g1 + %g2
 ta %xcc, 5
 ta %icc, %g1 + 5
 ta 5 + %g1
 t 5
 tz 5
 tne %xcc, %g1
 tlu %xcc, 5
 tgeu 3
 tn %icc, %g1
 tvs %xcc, %g1 + 1
 illtrap 0
 illtrap
 illtrap 0x3fffff
 unimp 5
 unimp
 sir 5
 sir
! windows and state
 save %sp, -176, %sp
 save %g1, %g2, %g3
 save 5, %g1, %g2
 save
 restore
 restore %g1, %g2, %g3
 restore %g0, 5, %o0
 flushw
 saved
 restored
 done
 retry
 rd %y, %g1
 rd %ccr, %g1
 rd %asi, %g1
 rd %tick, %g1
 rd %pc, %g1
 rd %fprs, %g1
 rd %pcr, %g1
 rd %pic, %g1
 rd %gsr, %g1
 rd %softint, %g1
 rd %tick_cmpr, %g1
 rd %stick, %g1
 rd %sys_tick, %g1
 rd %stick_cmpr, %g1
 rd %asr16, %g1
 rd %asr18, %g1
 wr %g1, %y
 wr 5, %y
 wr %g1, 5, %y
 wr %g1, %g2, %y
 wr %g1, 5, %ccr
 wr %g0, 0x80, %asi
 wr %g0, 4, %fprs
 wr %g0, 5, %gsr
 wr %g0, %g1, %softint
 wr %g0, %g1, %set_softint
 wr %g0, %g1, %clear_softint
 wr %g1, 0, %tick_cmpr
 wr %g0, %g1, %stick
 wr %g0, %g1, %sys_tick_cmpr
 wr %g1, %asr16
 wr %g1, 0, %asr25
 mov %g1, %asr16
 mov 5, %asr19
 mov %asr16, %g1
 rdpr %tpc, %g1
 rdpr %tnpc, %g1
 rdpr %tstate, %g1
 rdpr %tt, %g1
 rdpr %tick, %g1
 rdpr %tba, %g1
 rdpr %pstate, %g1
 rdpr %tl, %g1
 rdpr %pil, %g1
 rdpr %cwp, %g1
 rdpr %cansave, %g1
 rdpr %canrestore, %g1
 rdpr %cleanwin, %g1
 rdpr %otherwin, %g1
 rdpr %wstate, %g1
 rdpr %fq, %g1
 rdpr %ver, %g1
 wrpr %g1, %tpc
 wrpr 5, %tl
 wrpr %g1, 5, %pstate
 wrpr 5, %g1, %pstate
 wrpr %g1, %g2, %tba
 wrpr %g0, %pil
 wrpr %g0, 15, %pil
! synthetic
 nop
 cmp %g1, 5
 cmp %g1, %g2
 tst %g1
 mov 5, %g1
 mov -1, %g1
 mov %g1, %g2
 mov %lo(start), %g2
 mov %y, %g1
 mov %g1, %y
 mov 5, %y
 not %g1, %g2
 not %g1
 neg %g1, %g2
 neg %g1
 inc %g1
 inc 5, %g1
 inccc %g1
 inccc 5, %g1
 dec %g1
 dec 5, %g1
 deccc %g1
 deccc 5, %g1
 btst 5, %g1
 btst %g2, %g1
 bset 5, %g1
 bset %g2, %g1
 bclr 5, %g1
 btog %g2, %g1
 clr %g1
 clr [%g1]
 clrb [%g1+1]
 clrh [%g1+%g2]
 clrx [4]
 clruw %g1, %g2
 clruw %g1
 signx %g1, %g2
 signx %g1
 set 0, %g1
 set 4095, %g1
 set 4096, %g1
 set -4096, %g1
 set -4097, %g1
 set 0xffffffff, %g1
 set 0x12345400, %g1
 set start, %g1
 set value, %g1
 set later, %g1
later = 5
 set later, %g1
 setuw start + 4, %g1
 setsw start, %g1
 setsw -4097, %g1
 setx start + 8, %g1, %g2
 setx value, %g1, %g2
! floating point
 ld [%g1], %f31
 ldd [%g1 + 8], %f62
 ldq [%g1], %f60
 ld [%g1], %fsr
 ldx [%g1], %fsr
 st %f1, [%g1]
 std %f34, [%g1 + %g2]
 stq %f4, [%g1]
 st %fsr, [%g1]
 stx %fsr, [%g1]
 lda [%g1] #ASI_P, %f1
 ldda [%g1] #ASI_BLK_P, %f0
 ldda [%g1 + 8] %asi, %f2
 sta %f1, [%g1] %asi
 stda %f48, [%g1] #ASI_BLK_COMMIT_P
 fadds %f31, %f0, %f1
 faddd %f0, %f34, %f62
 faddq %f0, %f4, %f60
 fsubd %f0, %f2, %f4
 fmuls %f0, %f1, %f2
 fdivd %f0, %f2, %f4
 fsqrts %f1, %f2
 fsmuld %f1, %f2, %f4
 fdmulq %f2, %f4, %f8
 fmovs %f1, %f2
 fnegd %f2, %f4
 fabsd %f32, %f4
 fcmps %f0, %f1
 fcmps %fcc0, %f0, %f1
 fcmpd %fcc1, %f0, %f2
 fcmped %f0, %f62
 fcmpes %fcc3, %f0, %f3
 fstod %f1, %f2
 fdtos %f2, %f1
 fitod %f1, %f2
 fitos %f1, %f2
 fxtod %f2, %f4
 fxtos %f2, %f4
 fstoi %f1, %f2
 fdtoi %f2, %f1
 fstox %f1, %f2
 fdtox %f2, %f4
 fmovdz %icc, %f2, %f4
 fmovdlu %icc, %f2, %f4
 fmovsne %xcc, %f2, %f3
 fmovsue %fcc3, %f2, %f4
 fmovrdz %g1, %f2, %f4
 fmovrde %g1, %f2, %f4
 fmovrsgz %g1, %f1, %f2
! VIS
 alignaddr %g1, %g2, %g3
 alignaddrl %g1, %g2, %g3
 faligndata %f0, %f2, %f4
 fzero %f0
 fzeros %f1
 fone %f2
 fones %f1
 fsrc1 %f0, %f2
 fnot2s %f1, %f2
 fand %f0, %f2, %f4
 fxors %f1, %f2, %f3
 fpadd16 %f0, %f2, %f4
 fpsub32s %f1, %f2, %f3
 fpack16 %f0, %f1
 fpack32 %f0, %f2, %f4
 fexpand %f1, %f2
 fpmerge %f1, %f2, %f4
 fmul8x16 %f1, %f2, %f4
 fmul8x16au %f1, %f2, %f4
 fcmpgt16 %f0, %f2, %g1
 fcmpeq32 %f0, %f2, %g1
 edge8 %g1, %g2, %g3
 edge32l %g1, %g2, %g3
 pdist %f0, %f2, %f4
 array16 %g1, %g2, %g3
 bmask %g1, %g2, %g3
 bshuffle %f0, %f2, %f4
 edge8n %g1, %g2, %g3
 siam 3
 shutdown
